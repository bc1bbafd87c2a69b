import { useClient } from '@urql/preact';
import { useRef, useState } from 'preact/hooks';
import { change } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Panel } from '../ui/dialog.tsx';
import { ErrorSummary, Field, typed, type FieldError } from '../ui/form.tsx';
import { texts as common } from '../ui/texts.ts';
import { texts } from './texts.ts';

const SaveView = graphql(`mutation SaveView($input: SaveViewInput!) { saveView(input: $input) { view { id } errors { code message path } } }`);
const DeleteView = graphql(`mutation DeleteView($input: DeleteViewInput!) { deleteView(input: $input) { errors { code message path } } }`);

interface View { id: string; name: string; query: string }
interface ManageViewsProps { views: readonly View[]; here: string; onClose: () => void }
const words = texts.saved;

/** The list on screen given a name; one's views given another, or deleted. */
export default function ManageViews({ views, here, onClose }: ManageViewsProps) {
  const client = useClient();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [said, say] = useState('');
  const line = useRef<HTMLParagraphElement>(null);
  const isNew = here && views.every(({ query }) => query !== here);
  const done = (refusals: readonly { message: string }[] | undefined, words: string) => {
    setErrors((refusals ?? [{ message: common.failure.internal.title }]).map(({ message }) => ({ field: null, message })));
    if (!refusals || refusals.length) return;
    say(words);
    line.current?.focus();
  };
  const save = async (event: SubmitEvent, view?: View) => {
    event.preventDefault();
    const name = typed(event.currentTarget as HTMLFormElement, 'name');
    if (!name) return setErrors([{ field: null, message: words.missing }]);
    const { data } = await change(client, SaveView, { input: { name, ...(view ? { id: view.id } : { query: here }) } });
    done(data?.saveView.errors, view ? words.renamed(name) : words.done(name));
  };
  const remove = async ({ id, name }: View) => {
    const { data } = await change(client, DeleteView, { input: { id } });
    done(data?.deleteView.errors, words.deleted(name));
  };
  return (
    <Panel title={words.title} onClose={onClose}>
      <p class="soft">{words.help}</p>
      <ErrorSummary errors={errors} />
      <p role="status" tabIndex={-1} ref={line}>{said}</p>
      {isNew && (
        <form class="form" noValidate onSubmit={(event) => void save(event)}>
          <Field name="name" label={words.name} hint={words.nameHint} errors={[]} input={{ maxLength: 60, required: true, autocomplete: 'off' }} />
          <button type="submit" class="button button-strong">{words.save}</button>
        </form>
      )}
      {views.length > 0 && (
        <ul class="saved-views">
          {views.map((view) => (
            <li key={view.id}>
              <form noValidate onSubmit={(event) => void save(event, view)}>
                <input name="name" aria-label={words.nameOf(view.name)} defaultValue={view.name} maxLength={60} autocomplete="off" />
                <button type="submit" class="button" aria-label={words.renameOf(view.name)}>{words.rename}</button>
                <button type="button" class="button" aria-label={words.deleteOf(view.name)} onClick={() => void remove(view)}>{words.delete}</button>
              </form>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
