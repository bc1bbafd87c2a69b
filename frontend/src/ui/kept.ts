/** What is kept for this tab only, through a reload or a session that ends: what was typed, what was chosen. */
const nameOf = (name: string) => `peps.${name}`;

export function keep(name: string, value: unknown): void {
  try {
    if (value === null) sessionStorage.removeItem(nameOf(name));
    else sessionStorage.setItem(nameOf(name), JSON.stringify(value));
  } catch {
    // A browser that keeps nothing: what is on screen stays there.
  }
}

/** What was kept under this name, if it still has the shape expected of it. */
export function kept<Value>(name: string, isOne: (value: unknown) => value is Value): Value | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(nameOf(name)) ?? 'null');
    return isOne(value) ? value : null;
  } catch {
    return null;
  }
}
