import { newKey } from '../../ui/idempotency.ts';
import { keep, kept } from '../../ui/kept.ts';

const isIds = (value: unknown): value is string[] => Array.isArray(value) && value.every((each) => typeof each === 'string');

/** Keeps the delegations that were selected for another screen, and says under what name: thousands do not fit an address. */
export function keepScope(ids: readonly string[]): string {
  const name = newKey().slice(0, 12);
  keep(`delegations.${name}`, ids);
  return name;
}

/** The delegations kept under a name; null if there are none (another tab, another day). */
export const keptScope = (name: string) => kept(`delegations.${name}`, isIds);
