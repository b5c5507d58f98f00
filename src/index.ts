/**
 * body21: every person in a picture, 21 keypoints each, in the browser. Importing it does nothing, so that it
 * can be imported where there is no browser: a server that renders pages, a test in Node.
 */
export { AIP_ERRORS, AipBodyAnalysisClient } from './client/aip.ts';
export type { AipClientOptions, AipErrorAnswer, AipErrorCode } from './client/aip.ts';
export { BodyAnalysisClient } from './client/client.ts';
export type { BodyAnalysisClientEventMap } from './client/client.ts';
export type {
  AnalysisOptions,
  KeptVideoFrame,
  TrackedVideoFrame,
  TrackOptions,
} from './client/call-options.ts';
export type { BodyAnalysisClientOptions } from './client/options.ts';
export { RecoveredEvent } from './client/recovered-event.ts';
export { isSupported } from './client/support.ts';
export type { BodyAnalysisSupport, SupportOptions } from './client/support.ts';
export type { VideoSource } from './source/feed.ts';
export type { ImageSource } from './source/source.ts';
export * from './draw/index.ts';
export * from './export/index.ts';
export * from './schema/index.ts';
