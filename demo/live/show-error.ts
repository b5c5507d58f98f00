/** Why there is nothing to show, in words for the visitor. */
export class ShowError extends Error {}
