import type { Level } from '../../user/level.tsx';
import { texts } from '../texts.ts';

interface Held { level: Level; service: { code: string } }
interface Delegated { level?: Level; service: { code: string; label: string } }

const words = texts.choosing;
const NAMED = 3;

/**
 * What a person's own rights leave of what is delegated: the lower of both levels (R-DEL-05). `isBlind`: nothing at all.
 * `said`: in a sentence; empty where nothing is lost.
 */
export function limitsOf(rights: readonly Held[], services: readonly Delegated[]): { isBlind: boolean; said: string } {
  const held = new Map(rights.map(({ service, level }) => [service.code, level]));
  const without = services.filter(({ service }) => (held.get(service.code) ?? 'NONE') === 'NONE');
  const lower = services.filter(({ service, level }) => level === 'MODIFY' && held.get(service.code) === 'READ');
  if (services.length > 0 && without.length === services.length) return { isBlind: true, said: words.noRight };
  const named = (rows: readonly Delegated[]) => rows.map(({ service }) => `« ${service.label} »`).join(', ');
  const said = [
    without.length > NAMED ? words.partlyMany(without.length, services.length) : without.length ? words.partly(named(without)) : '',
    lower.length && lower.length <= NAMED ? words.lower(named(lower)) : '',
  ];
  return { isBlind: false, said: said.filter(Boolean).join(' ') };
}
