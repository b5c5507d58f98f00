/**
 * Options over their defaults. One that is `undefined` has its default, as one that is left out has: a spread would
 * put `undefined` in the default's place.
 */
export function withDefaults<T extends object>(
  defaults: Readonly<T>,
  options: { readonly [Name in keyof T]?: T[Name] | undefined } = {},
): T {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
