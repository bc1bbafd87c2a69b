import { useRef } from 'preact/hooks';
import { keep, kept } from './kept.ts';

/** A key to send with a request, so that sending it again (a double click, a line that drops) does it once. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface Sent { request: string; key: string }
const isSent = (value: unknown): value is Sent => typeof (value as Sent | null)?.request === 'string' && typeof (value as Sent).key === 'string';

/** The key of what a form sends: the same as long as it sends the same; under a name, also after a session that ends. */
export function useKey(name?: string): (request: unknown) => string {
  const sent = useRef<Sent>((name && kept(name, isSent)) || { request: '', key: '' });
  return (request) => {
    const text = JSON.stringify(request);
    if (sent.current.request !== text) sent.current = { request: text, key: newKey() };
    if (name) keep(name, sent.current);
    return sent.current.key;
  };
}
