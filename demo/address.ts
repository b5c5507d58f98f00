/**
 * What a page's address asks for: `heavy` for `model` in `?model=heavy&quality=best`.
 * @param search the address from its question mark on
 * @param names what it may be
 * @returns `undefined` where it is none of these
 */
export function settingIn<T extends string>(
  search: string,
  setting: string,
  names: readonly T[],
): T | undefined {
  const asked = new URLSearchParams(search).get(setting);
  return names.find((name) => name === asked);
}
