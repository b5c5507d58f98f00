/** A noun's forms, by the number before it: `other` where there is no form for it. */
export interface Forms {
  one?: string;
  other: string;
}

/** Writes numbers, and the things that they count, as a language does. */
export function counting(locale: string) {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return {
    /** `1,204` */
    number: (n: number): string => numbers.format(n),
    /** The form that the number asks for, without it: `person` for 1. */
    form: (n: number, { one, other }: Forms): string => (rules.select(n) === 'one' ? (one ?? other) : other),
    /** `1 person`, `1,204 people` */
    counted: (n: number, { one, other }: Forms): string =>
      `${numbers.format(n)} ${rules.select(n) === 'one' ? (one ?? other) : other}`,
  };
}
