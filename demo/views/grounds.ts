/** What people who are cut out are shown before. */
export const GROUNDS = ['transparent', 'blurred', 'colour'] as const;
export type Ground = (typeof GROUNDS)[number];
