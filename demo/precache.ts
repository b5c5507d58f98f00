/**
 * What the service worker keeps: the build makes the list, and the service
 * worker finds it in front of its script.
 */
export interface Precache {
  /** Follows from the files' content. */
  version: string;
  /** Paths relative to the page. */
  files: string[];
}
