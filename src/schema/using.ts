/** In the place of `Symbol.dispose` in the types of an app whose `lib` has none. */
declare const NO_DISPOSE: unique symbol;

/**
 * The type of `Symbol.dispose` where the app's `lib` has it: what named
 * it outright would not compile elsewhere.
 */
type Dispose = SymbolConstructor extends { readonly dispose: infer Key extends symbol }
  ? Key
  : typeof NO_DISPOSE;

/** For types only. */
export declare const DISPOSE: Dispose;

/**
 * Lets `using` dispose of an object. Not a method of its class: that would be called "undefined" where the
 * browser has no such symbol, and this one finds a polyfill that comes after the library.
 */
export function letUsingDispose(object: { dispose(): void }): void {
  // The types say that it is always there.
  const key: symbol | undefined = Symbol.dispose;
  // A class of the app's own that extends this one may have its own way.
  if (!key || key in object) return;
  Object.defineProperty(object, key, { value: () => object.dispose(), configurable: true, writable: true });
}
