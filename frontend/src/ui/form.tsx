import type { ComponentChildren, InputHTMLAttributes, TextareaHTMLAttributes } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Eye, EyeOff, Warning } from './icons.tsx';
import { texts } from './texts.ts';

/** A reason a form was refused, and the field it belongs to if there is one. */
export interface FieldError { field: string | null; message: string }

interface FieldProps {
  name: string;
  label: string;
  hint?: string;
  errors?: FieldError[];
  input?: InputHTMLAttributes<HTMLInputElement>;
  children?: ComponentChildren;
}

/** A labelled text field with its hint and its error, tied together for assistive technologies. */
export function Field({ name, label, hint, errors = [], input, children }: FieldProps) {
  const own = errors.filter((error) => error.field === name);
  const described = [hint && `${name}-hint`, own.length && `${name}-error`].filter(Boolean).join(' ');
  return (
    <div class={own.length ? 'field field-wrong' : 'field'}>
      <label for={name}>{label}</label>
      {hint && <p class="hint" id={`${name}-hint`}>{hint}</p>}
      {own.length > 0 && <p class="field-error" id={`${name}-error`}><Warning /> {own.map((error) => error.message).join(' ')}</p>}
      <div class="field-input">
        <input id={name} name={name} type="text" {...input} aria-describedby={described || undefined} aria-invalid={own.length > 0 || undefined} />
        {children}
      </div>
    </div>
  );
}

interface LongFieldProps {
  name: string;
  label: string;
  hint?: ComponentChildren;
  errors?: FieldError[];
  input?: TextareaHTMLAttributes<HTMLTextAreaElement>;
}

/** A labelled text of several lines, with its hint and its error. */
export function LongField({ name, label, hint, errors = [], input }: LongFieldProps) {
  const own = errors.filter((error) => error.field === name);
  const described = [hint && `${name}-hint`, own.length && `${name}-error`].filter(Boolean).join(' ');
  return (
    <div class={own.length ? 'field field-wrong' : 'field'}>
      <label for={name}>{label}</label>
      {hint && <p class="hint" id={`${name}-hint`}>{hint}</p>}
      {own.length > 0 && <p class="field-error" id={`${name}-error`}><Warning /> {own.map((error) => error.message).join(' ')}</p>}
      <textarea id={name} name={name} rows={4} {...input} aria-describedby={described || undefined} aria-invalid={own.length > 0 || undefined} />
    </div>
  );
}

/** A password, with a button to see what one types. */
export function PasswordField({ words, ...field }: FieldProps & { words: { show: string; hide: string } }) {
  const [isShown, show] = useState(false);
  return (
    <Field {...field} input={{ ...field.input, type: isShown ? 'text' : 'password', spellcheck: false, autocapitalize: 'off' }}>
      <button type="button" class="button-quiet" aria-label={isShown ? words.hide : words.show} aria-controls={field.name}
        title={isShown ? words.hide : words.show} onClick={() => show(!isShown)}>
        {isShown ? <EyeOff /> : <Eye />}
      </button>
    </Field>
  );
}

interface SelectProps {
  name: string;
  label: string;
  hint?: string;
  errors?: FieldError[];
  options: readonly { value: string; label: string }[];
  value: string;
  onChange: (value: string) => void;
}

/** One choice among many, with its hint and its error. */
export function Select({ name, label, hint, errors = [], options, value, onChange }: SelectProps) {
  const own = errors.filter((error) => error.field === name);
  const described = [hint && `${name}-hint`, own.length && `${name}-error`].filter(Boolean).join(' ');
  return (
    <div class={own.length ? 'field field-wrong' : 'field'}>
      <label for={name}>{label}</label>
      {hint && <p class="hint" id={`${name}-hint`}>{hint}</p>}
      {own.length > 0 && <p class="field-error" id={`${name}-error`}><Warning /> {own.map((error) => error.message).join(' ')}</p>}
      <select id={name} name={name} value={value} onChange={(event) => onChange(event.currentTarget.value)} aria-describedby={described || undefined} aria-invalid={own.length > 0 || undefined}>
        {options.map((option) => <option key={option.value} value={option.value} selected={option.value === value}>{option.label}</option>)}
      </select>
    </div>
  );
}

interface ChoicesProps<Value extends string> {
  name: string;
  legend: ComponentChildren;
  hint?: ComponentChildren;
  options: readonly { value: Value; label: string }[];
  value: Value;
  onChange: (value: Value) => void;
  errors?: FieldError[];
  className?: string;
}

/** One choice among a few, all in sight; an error's link leads to the one chosen. */
export function Choices<Value extends string>({ name, legend, hint, options, value, onChange, errors = [], className = '' }: ChoicesProps<Value>) {
  const own = errors.filter((error) => error.field === name);
  const described = [hint && `${name}-hint`, own.length && `${name}-error`].filter(Boolean).join(' ');
  return (
    <fieldset class={`choices-field ${own.length ? 'field-wrong' : ''} ${className}`} aria-describedby={described || undefined}>
      <legend>{legend}</legend>
      {hint && <div class="hint" id={`${name}-hint`}>{hint}</div>}
      {own.length > 0 && <p class="field-error" id={`${name}-error`}><Warning /> {own.map((error) => error.message).join(' ')}</p>}
      <div class="radios">
        {options.map((option) => (
          <label key={option.value} class="radio">
            <input type="radio" id={option.value === value ? name : undefined} name={name} value={option.value}
              checked={option.value === value} onChange={() => onChange(option.value)} />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** The list of what was refused, focused when it appears, each line leading to its field. */
export function ErrorSummary({ errors, children }: { errors: FieldError[]; children?: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const title = useId();
  useEffect(() => {
    if (!errors.length) return;
    box.current?.focus();
    if (!document.title.startsWith(texts.errors.titlePrefix)) document.title = texts.errors.titlePrefix + document.title;
  }, [errors]);
  if (!errors.length) return null;
  return (
    <div class="notice notice-bad" role="alert" tabIndex={-1} ref={box} aria-labelledby={title}>
      <Warning />
      <div>
        <h2 id={title}>{texts.errors.summary}</h2>
        <ul class="plain">
          {errors.map(({ field, message }) => (
            <li key={message}>{field ? <a href={`#${field}`} onClick={(event) => goTo(event, field)}>{message}</a> : message}</li>
          ))}
        </ul>
        {children}
      </div>
    </div>
  );
}

function goTo(event: MouseEvent, field: string) {
  event.preventDefault();
  document.getElementById(field)?.focus();
}

/** Errors of a payload, each attached to the field it names if the form has it. */
export function fieldErrors(errors: readonly { message: string; path: readonly string[] }[], fields: string[]): FieldError[] {
  return errors.map(({ message, path }) => ({ message, field: fields.find((name) => path.includes(name)) ?? null }));
}

/** The text typed in a field of a submitted form. */
export function typed(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value.trim() : '';
}
