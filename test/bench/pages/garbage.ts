/**
 * What is collected before memory is measured: `garbage`, which nobody refers to; or `all`, as a browser does
 * where memory is short: it also gives back the room that it has for new objects, and code that can be made
 * anew. What is left then is alive.
 */
export type Collection = 'nothing' | 'garbage' | 'all';

/** Collects in this page or worker. Only browsers with `--expose-gc` can. */
export function collect(what: Collection): void {
  const gc: unknown = Reflect.get(globalThis, 'gc');
  if (typeof gc !== 'function' || what === 'nothing') return;
  const isAll = what === 'all';
  Reflect.apply(gc, undefined, isAll ? [{ type: 'major', execution: 'sync', flavor: 'last-resort' }] : []);
}
