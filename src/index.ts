/**
 * body21: every person in a picture, 21 keypoints each, in the browser.
 */
export { BodyAnalysisClient } from './client/client.ts';
export type { BodyAnalysisClientEventMap } from './client/client.ts';
export { RecoveredEvent } from './client/recovered-event.ts';
export type {
  AnalysisOptions,
  BodyAnalysisClientOptions,
  TrackedVideoFrame,
  TrackOptions,
} from './client/options.ts';
export type { VideoSource } from './source/feed.ts';
export type { ImageSource } from './source/source.ts';
export { DEFAULT_SMOOTHING } from './schema/tracking.ts';
export type { SmoothingOptions, TrackedFrame, TrackedPerson, TrackedResult } from './schema/tracking.ts';
export { BODY_PARTS, SKELETON } from './schema/body-parts.ts';
export type { BodyPart } from './schema/body-parts.ts';
export { ANALYSIS_STAGES } from './schema/analysis.ts';
export type {
  AnalysisDebug,
  AnalysisProgress,
  AnalysisStage,
  Corner,
  Corners,
  DebugPerson,
  DebugRegion,
  DebugSquare,
  DebugStage,
  RegionOrigin,
  RegionOutcome,
} from './schema/analysis.ts';
export { EXTRAS } from './schema/result.ts';
export type {
  BodyAnalysisResult,
  Extra,
  Keypoint,
  Landmark33,
  Mask,
  PersonExtras,
  PersonInfo,
  PersonLocation,
  WorldPoint,
} from './schema/result.ts';
export { BodyAnalysisError, ERROR_CODES } from './schema/errors.ts';
export type { BodyAnalysisErrorCode } from './schema/errors.ts';
export { LIMITS } from './schema/limits.ts';
export type { PictureLimits } from './schema/limits.ts';
export { BACKENDS, LANDMARK_MODELS, QUALITIES } from './schema/loading.ts';
export type {
  BackendChoice,
  BackendInfo,
  BackendName,
  GpuAdapter,
  LandmarkModel,
  LoadProgress,
  Quality,
  SkippedBackend,
} from './schema/loading.ts';
export { DEFAULT_VALIDITY, filterValidPersons, isValidPerson } from './schema/validity.ts';
export type { ValidityThresholds } from './schema/validity.ts';
export { drawPersons } from './draw/canvas.ts';
export { SkeletonOverlay } from './draw/overlay.ts';
export type { OverlayOptions } from './draw/overlay.ts';
export { PERSON_COLORS, SIDE_COLORS, personColor } from './draw/style.ts';
export type { DrawOptions, Side } from './draw/style.ts';
export { toSvg } from './draw/svg.ts';
export type { SvgPicture } from './draw/svg.ts';
export { parseBodyAnalysisResult } from './schema/parse.ts';
export { COCO_KEYPOINTS, toCocoKeypoints } from './export/coco.ts';
export type { CocoKeypointResult, CocoOptions } from './export/coco.ts';
export { toCsv } from './export/csv.ts';
export type { ImageResult } from './export/image-result.ts';
export { AIP_ERRORS, AipBodyAnalysisClient } from './client/aip.ts';
export type { AipClientOptions, AipErrorAnswer, AipErrorCode } from './client/aip.ts';
