/**
 * What the library answers, and what can be done with an answer without it: for servers, tests and apps that
 * only store or filter results. No worker, no DOM.
 */
export { ANALYSIS_STAGES } from './analysis.ts';
export type {
  AnalysisDebug,
  AnalysisProgress,
  AnalysisStage,
  DebugCorner,
  DebugCorners,
  DebugPerson,
  DebugRegion,
  DebugSquare,
  DebugStage,
  RegionOrigin,
  RegionOutcome,
} from './analysis.ts';
export { BODY_PARTS, SKELETON } from './body-parts.ts';
export type { BodyPart } from './body-parts.ts';
export { BodyAnalysisError, ERROR_CODES } from './errors.ts';
export type { BodyAnalysisErrorCode } from './errors.ts';
export { DEFAULT_LIMITS } from './limits.ts';
export type { PictureLimits } from './limits.ts';
export { BACKENDS, LANDMARK_MODELS, QUALITIES } from './loading.ts';
export type {
  BackendChoice,
  BackendInfo,
  BackendName,
  GpuAdapter,
  LandmarkModel,
  LoadProgress,
  Quality,
  SkippedBackend,
} from './loading.ts';
export type {
  HeatmapNetwork,
  KeypointSet,
  MoveNetNetwork,
  OwnNetwork,
  OwnNetworkInfo,
  OwnNetworkInput,
  OwnNetworkKind,
  RtmoNetwork,
  SimccNetwork,
  YoloPoseNetwork,
} from './own-networks.ts';
export { parseBodyAnalysisResult } from './parse.ts';
export type { PictureRectangle, PictureRegion, SeenPerson } from './picture-region.ts';
export { EXTRAS } from './result.ts';
export type {
  BodyAnalysisResult,
  ExplainedResult,
  Extra,
  FoundPerson,
  Keypoint,
  Landmark33,
  PersonMask,
  PersonExtras,
  PersonInfo,
  PersonLocation,
  WorldPoint,
} from './result.ts';
export { DEFAULT_SMOOTHING } from './tracking.ts';
export type { SmoothingOptions, TrackedFrame, TrackedPerson, TrackedResult } from './tracking.ts';
export { DEFAULT_VALIDITY, filterValidPersons, isValidPerson } from './validity.ts';
export type { ValidityThresholds } from './validity.ts';
