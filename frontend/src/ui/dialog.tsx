import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Cross } from './icons.tsx';
import { texts } from './texts.ts';

interface ConfirmationProps {
  title: string;
  /** The words of the button that does it. */
  action: string;
  isDangerous?: boolean;
  /** Given the fields asked along with the question, if any; false keeps it open: something in them is wrong. */
  onConfirm: (form: HTMLFormElement) => boolean | void;
  /** Once closed, whatever was chosen: the focus is then back where it was. */
  onClose: () => void;
  children: ComponentChildren;
}

/** A question asked before doing what can't be undone. The browser keeps the focus inside, and Escape gives up. */
export function Confirmation({ title, action, isDangerous, onConfirm, onClose, children }: ConfirmationProps) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  const confirm = (event: SubmitEvent) => {
    event.preventDefault();
    if (onConfirm(event.currentTarget as HTMLFormElement) !== false) box.current?.close();
  };
  return (
    <dialog class="dialog" ref={box} aria-labelledby="dialog-title" onClose={onClose}>
      <form onSubmit={confirm} noValidate method="dialog">
        <h2 id="dialog-title">{title}</h2>
        {children}
        <div class="actions">
          <button type="submit" class={isDangerous ? 'button button-danger' : 'button button-strong'}>{action}</button>
          <button type="button" class="button" onClick={() => box.current?.close()}>{texts.cancel}</button>
        </div>
      </form>
    </dialog>
  );
}

/** Something to choose or to look at, over the screen; Escape, the cross or a click outside leaves it. */
export function Panel({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  const onPointer = (event: MouseEvent) => {
    if (event.target === box.current) box.current?.close();
  };
  return (
    <dialog class="dialog panel" ref={box} aria-labelledby="panel-title" onClose={onClose} onMouseDown={onPointer}>
      <div class="panel-body">
        <div class="panel-head">
          <h2 id="panel-title">{title}</h2>
          <button type="button" class="button-quiet" aria-label={texts.close} onClick={() => box.current?.close()}><Cross /></button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
