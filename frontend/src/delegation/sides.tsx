import { Link } from 'wouter-preact';
import { useViewer } from '../session/session.tsx';
import { RECEIVED, REQUESTED } from './paths.ts';
import { texts } from './texts.ts';

const words = texts.sides;

/** The two lists of a centralisateur: what it asked for, what it was asked for. Others have the second one only. */
export function Sides({ current }: { current: 'requested' | 'received' }) {
  if (!useViewer().actingFor?.isCentralisateur) return null;
  return (
    <nav class="views" aria-label={words.label}>
      <ul>
        <li><Link href={REQUESTED} aria-current={current === 'requested' ? 'page' : undefined}>{words.requested}</Link></li>
        <li><Link href={RECEIVED} aria-current={current === 'received' ? 'page' : undefined}>{words.received}</Link></li>
      </ul>
    </nav>
  );
}
