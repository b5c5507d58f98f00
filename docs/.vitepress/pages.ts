/** A page of the site, by its file in `docs/` without `.md`. */
export interface SitePage {
  text: string;
  page: string;
}

/** The pages that people write, in the order in which they are read. */
export const SECTIONS: readonly { text: string; pages: readonly SitePage[] }[] = [
  {
    text: 'Guide',
    pages: [
      { text: 'Getting started', page: 'guide/getting-started' },
      { text: 'Photos', page: 'guide/photos' },
      { text: 'Webcam', page: 'guide/webcam' },
      { text: 'Video files', page: 'guide/video-files' },
      { text: 'React, Vue, Svelte, Next.js', page: 'guide/frameworks' },
      { text: 'Choosing quality and backend', page: 'guide/choosing' },
      { text: 'Measuring', page: 'guide/measuring' },
      { text: 'A worker of one’s own', page: 'guide/own-worker' },
      { text: 'Electron and extensions', page: 'guide/desktop-and-extensions' },
      { text: 'Self-hosting', page: 'guide/self-hosting' },
      { text: 'Accuracy and filtering', page: 'guide/accuracy' },
      { text: 'Performance', page: 'guide/performance' },
    ],
  },
  {
    text: 'Coming from',
    pages: [
      { text: 'the cloud API', page: 'guide/from-the-cloud-api' },
      { text: 'MediaPipe', page: 'guide/from-mediapipe' },
      { text: 'TF.js', page: 'guide/from-tfjs' },
    ],
  },
  {
    text: 'In depth',
    pages: [
      { text: 'Sources', page: 'sources' },
      { text: 'Results', page: 'results' },
      { text: 'Video', page: 'video' },
      { text: 'Quality', page: 'quality' },
      { text: 'Networks', page: 'models' },
      { text: 'Backends', page: 'backends' },
      { text: 'Browsers', page: 'browsers' },
      { text: 'Bundlers', page: 'bundlers' },
      { text: 'Security and privacy', page: 'security' },
      { text: 'Errors', page: 'errors' },
      { text: 'Troubleshooting', page: 'troubleshooting' },
      { text: 'Fast on WASM', page: 'speed' },
    ],
  },
];
