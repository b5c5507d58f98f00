/** What the package offers to import, by the names of the built files, from which source. */
export const ENTRIES: Readonly<Record<string, string>> = {
  index: 'src/index.ts',
  schema: 'src/schema/index.ts',
  draw: 'src/draw/index.ts',
  export: 'src/export/index.ts',
  measure: 'src/measure/index.ts',
  aip: 'src/client/aip.ts',
};
