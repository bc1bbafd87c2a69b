import type { CombinedError } from '@urql/preact';
import { fieldErrors, type FieldError } from './form.tsx';
import { texts } from './texts.ts';

interface Refused { message: string; path: readonly string[] }
export interface Payload { errors: readonly Refused[]; results?: readonly { id: string; errors: readonly Refused[] }[] }

/** Why a change was refused, whole or item by item, each reason once and with its field; empty when it is done. */
export function refusalsOf(payload: Payload | undefined, error: CombinedError | undefined, fields: string[] = []): FieldError[] {
  if (!payload) return [{ field: null, message: error?.networkError ? texts.failure.network.title : texts.failure.internal.title }];
  const all = [...payload.errors, ...(payload.results ?? []).flatMap((result) => result.errors)];
  return fieldErrors([...new Map(all.map((each) => [each.message, each])).values()], fields);
}
