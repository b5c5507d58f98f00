/** Why there is nothing to show, in words for the visitor. */
export class ShowError extends Error {}

/** There is no camera at all. */
export class NoCameraError extends ShowError {}
