/** Something that will come about, and who tells that it has. */
export interface Moment {
  readonly coming: Promise<void>;
  come(): void;
}

/**
 * A promise that is resolved from outside: `Promise.withResolvers` is not
 * in every browser that the tests run in.
 */
export function moment(): Moment {
  let come = () => {};
  const coming = new Promise<void>((resolve) => {
    come = resolve;
  });
  return { coming, come: () => come() };
}
