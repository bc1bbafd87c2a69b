import { graphql, type ResultOf } from '../graphql.ts';
import { texts } from './texts.ts';

const shape = graphql(`fragment StatusShape on User @_unmask { status }`);
type Status = NonNullable<ResultOf<typeof shape>['status']>;
const tone: Record<Status, string> = { INVITED: 'tag', ACTIVE: 'tag tag-good', LOCKED: 'tag tag-bad', EXPIRED: 'tag tag-bad', DELETED: 'tag' };

/** An account's state, in words; nothing for who may not know it. */
export const StatusTag = ({ status }: { status: Status | null }) => status && <span class={tone[status]}>{texts.status[status]}</span>;
