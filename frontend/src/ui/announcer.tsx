import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Cross } from './icons.tsx';
import { texts } from './texts.ts';

type Listener = (message: ComponentChildren) => void;
const listeners = new Set<Listener>();
let next: ComponentChildren = null;

/** Says something that happened by itself (null: nothing any more), to everyone: seen at the bottom of the window, heard by a polite live region. */
export function announce(message: ComponentChildren) {
  listeners.forEach((listener) => listener(message));
}

/** Says it once everything has been drawn anew, for another establishment. */
export function announceNext(message: ComponentChildren) {
  next = message;
}

/** The one live region for `announce`; the message leaves after 15 seconds, and nothing in it is found only there. */
export function Announcer() {
  const [message, setMessage] = useState<ComponentChildren>(null);
  useEffect(() => {
    listeners.add(setMessage);
    if (next) setMessage(next);
    next = null;
    return () => void listeners.delete(setMessage);
  }, []);
  useEffect(() => {
    if (!message) return;
    const timer = setTimeout(() => setMessage(null), 15_000);
    return () => clearTimeout(timer);
  }, [message]);
  return (
    <div class={message ? 'announcer announcer-shown' : 'announcer'}>
      <div role="status">{message}</div>
      {message && (
        <button type="button" class="button-quiet" aria-label={texts.close} onClick={() => setMessage(null)}><Cross /></button>
      )}
    </div>
  );
}
