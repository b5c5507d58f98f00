/** What a parsed JSON object has under a name; undefined where it has nothing, or is no object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

/** The names and values of a parsed JSON object; none where it is no object. */
export function entries(value: unknown): [string, unknown][] {
  return Object.entries<unknown>(typeof value === 'object' && value ? { ...value } : {});
}

/** The entries of a parsed JSON list; none where it is no list. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What a parsed JSON object has under a name, which must be a word. */
export function word(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found !== 'string') throw new Error(`“${name}” is missing`);
  return found;
}
