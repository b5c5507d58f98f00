/**
 * Freezes a constant with all that it holds: the library goes by it as well, so no app may change it for
 * others. Calls are to be marked as pure, so that bundlers leave out what nobody uses.
 */
export function frozen<const T extends object>(constant: T): T {
  for (const name of Object.keys(constant)) {
    const held: unknown = Reflect.get(constant, name);
    if (typeof held === 'object' && held !== null) frozen(held);
  }
  return Object.freeze(constant);
}
