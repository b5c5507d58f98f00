/** A page of the site, by its file in `docs/` without `.md`. */
export interface SitePage {
  text: string;
  page: string;
  /** Its name in Chinese, where `docs/zh/` has it too. */
  zh?: string;
}

/** The pages that people write, in the order in which they are read. */
export const SECTIONS: readonly { text: string; zh: string; pages: readonly SitePage[] }[] = [
  {
    text: 'Guide',
    zh: '指南',
    pages: [
      { text: 'Getting started', page: 'guide/getting-started', zh: '入门' },
      { text: 'Photos', page: 'guide/photos', zh: '图片' },
      { text: 'Webcam', page: 'guide/webcam', zh: '摄像头' },
      { text: 'Video files', page: 'guide/video-files', zh: '视频文件' },
      { text: 'React, Vue, Svelte, Next.js', page: 'guide/frameworks', zh: 'React、Vue、Svelte、Next.js' },
      { text: 'Choosing quality and backend', page: 'guide/choosing', zh: '选择质量与后端' },
      { text: 'Measuring', page: 'guide/measuring', zh: '测量' },
      { text: 'A worker of one’s own', page: 'guide/own-worker' },
      { text: 'Electron and extensions', page: 'guide/desktop-and-extensions' },
      { text: 'Self-hosting', page: 'guide/self-hosting', zh: '自行托管' },
      { text: 'Accuracy and filtering', page: 'guide/accuracy', zh: '准确度与过滤' },
      { text: 'Performance', page: 'guide/performance', zh: '性能' },
    ],
  },
  {
    text: 'Coming from',
    zh: '迁移',
    pages: [
      { text: 'the cloud API', page: 'guide/from-the-cloud-api', zh: '从云端 API 迁移' },
      { text: 'MediaPipe', page: 'guide/from-mediapipe' },
      { text: 'TF.js', page: 'guide/from-tfjs' },
    ],
  },
  {
    text: 'In depth',
    zh: '深入',
    pages: [
      { text: 'Sources', page: 'sources', zh: '输入' },
      { text: 'Results', page: 'results', zh: '结果' },
      { text: 'Video', page: 'video' },
      { text: 'Quality', page: 'quality', zh: '质量' },
      { text: 'Networks', page: 'models' },
      { text: 'Other networks', page: 'own-networks' },
      { text: 'Backends', page: 'backends', zh: '后端' },
      { text: 'Browsers', page: 'browsers' },
      { text: 'Bundlers', page: 'bundlers' },
      { text: 'Security and privacy', page: 'security' },
      { text: 'Errors', page: 'errors', zh: '错误' },
      { text: 'Troubleshooting', page: 'troubleshooting', zh: '故障排查' },
      { text: 'Fast on WASM', page: 'speed' },
    ],
  },
];

/** Whether a page is there in Chinese as well, by its file in `docs/`. */
export function hasTranslation(file: string): boolean {
  const pages = SECTIONS.flatMap((section) => section.pages);
  return file === 'index.md' || pages.some(({ page, zh }) => zh !== undefined && `${page}.md` === file);
}
