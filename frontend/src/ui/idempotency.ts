import { useRef } from 'preact/hooks';

/** A key to send with a request, so that sending it again (a double click, a line that drops) does it once. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The key of what a form sends: the same as long as it sends the same. */
export function useKey(): (request: unknown) => string {
  const sent = useRef({ request: '', key: '' });
  return (request) => {
    const text = JSON.stringify(request);
    if (sent.current.request !== text) sent.current = { request: text, key: newKey() };
    return sent.current.key;
  };
}
