/** Options, each of which may be left out or `undefined`. */
export type Options<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** What each option is where it is left out. */
export type Defaults<T> = { readonly [Name in keyof T]-?: Exclude<T[Name], undefined> };

/**
 * Options over their defaults. One that is `undefined` has its default, as one that is left out has: a spread
 * would put `undefined` in the default's place.
 */
export function withDefaults<T extends object>(
  defaults: Readonly<T>,
  options: Options<T> | null | undefined,
): T {
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
