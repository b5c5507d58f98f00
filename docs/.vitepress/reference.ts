/** What the reference is of: everything that an app can import. */
export * from '../../src/index.ts';
export * from '../../src/measure/index.ts';
