import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { inWords } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Panel } from '../ui/dialog.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';

const DueCalendarQuery = graphql(`query DueCalendar { viewer { dueCalendarOpenedAt } }`);
const OpenDueCalendar = graphql(`mutation OpenDueCalendar { openDueCalendar { url errors { code message path } } }`);
const CloseDueCalendar = graphql(`mutation CloseDueCalendar { closeDueCalendar { errors { code message path } } }`);
const words = texts.calendar;

/** The address at which one's calendar follows the due dates, given once; and its end. */
export default function DueCalendar({ onClose }: { onClose: () => void }) {
  const client = useClient();
  const { data } = useAnswer(DueCalendarQuery, {});
  const [address, setAddress] = useState('');
  const [said, say] = useState('');
  const openedAt = data?.viewer?.dueCalendarOpenedAt;
  const open = async () => {
    const { data: made } = await change(client, OpenDueCalendar, {});
    const url = made?.openDueCalendar.url;
    setAddress(url ? new URL(url, location.origin).href : '');
    say(url ? words.given : made?.openDueCalendar.errors.map(({ message }) => message).join(' ') ?? texts.mark.failed);
  };
  const close = async () => {
    const { data: made } = await change(client, CloseDueCalendar, {});
    setAddress('');
    say(made ? words.closed : texts.mark.failed);
  };
  return (
    <Panel title={words.title} onClose={onClose}>
      <p>{words.help}</p>
      <p class="soft">{words.privacy}</p>
      {!data ? <Waiting lines={2} /> : (
        <>
          {openedAt && <p>{words.since(inWords(openedAt))}</p>}
          <p role="status">{said}</p>
          {address && <p><label class="sr-only" for="calendar-address">{words.address}</label><input id="calendar-address" class="wide-input" readOnly value={address} onFocus={(event) => event.currentTarget.select()} /></p>}
          <div class="actions">
            <button type="button" class="button button-strong" onClick={() => void open()}>{openedAt ? words.renew : words.open}</button>
            {openedAt && <button type="button" class="button" onClick={() => void close()}>{words.close}</button>}
          </div>
        </>
      )}
    </Panel>
  );
}
