/** A file's name without its ending, and without what a folder's name would end at. */
export function baseName(name: string): string {
  return name.replace(/\.\w+$/, '').replaceAll(/[/\\:]/g, '-') || 'photo';
}

/** The same names, but no two alike: the second `beach` is `beach-2`. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let own = name;
    // Files that differ by case alone are one file to some systems.
    for (let count = 2; taken.has(own.toLowerCase()); count++) own = `${name}-${count}`;
    taken.add(own.toLowerCase());
    return own;
  });
}
