import type { DefaultTheme, LocaleSpecificConfig } from 'vitepress';
import { SECTIONS } from './pages.ts';

/** The demo, which keeps the language that it is asked for. */
const DEMO: readonly DefaultTheme.NavItemWithLink[] = [
  { text: '图片', link: '/demo/index.html?lang=zh', target: '_self' },
  { text: '视频', link: '/demo/video.html?lang=zh', target: '_self' },
  { text: '实时', link: '/demo/live.html?lang=zh', target: '_self' },
];

/** The pages in Chinese, and below them those that are in English alone. */
function sidebar(): DefaultTheme.SidebarItem[] {
  const sections = SECTIONS.map(({ zh: text, pages }) => ({
    text,
    items: pages.flatMap(({ page, zh }) => (zh === undefined ? [] : [{ text: zh, link: `/zh/${page}` }])),
  }));
  const rest = SECTIONS.flatMap(({ pages }) => pages).filter(({ zh }) => zh === undefined);
  return [
    ...sections,
    { text: '试一试', items: [...DEMO] },
    {
      text: '英文页面',
      items: rest.map(({ text, page }) => ({ text, link: `/${page}` })),
    },
  ];
}

/** The file of the last page in Chinese. */
export const LAST_CHINESE = `zh/${SECTIONS.flatMap(({ pages }) => pages).findLast(({ zh }) => zh !== undefined)?.page}.md`;

/** The site in Chinese. */
export const CHINESE: LocaleSpecificConfig<DefaultTheme.Config> & { label: string } = {
  label: '简体中文',
  lang: 'zh-CN',
  description: '在浏览器里找出图片中的每一个人，每人 21 个关键点，图片不会上传。',
  themeConfig: {
    nav: [
      { text: '指南', link: '/zh/guide/getting-started', activeMatch: '^/zh/.' },
      { text: 'API 参考（英文）', link: '/api/' },
      { text: '示例（英文）', link: '/examples/' },
      { text: '试一试', link: '/demo/index.html?lang=zh', target: '_self' },
    ],
    sidebar: { '/zh/': sidebar() },
    outline: { level: [2, 3], label: '本页目录' },
    docFooter: { prev: '上一页', next: '下一页' },
    darkModeSwitchLabel: '外观',
    lightModeSwitchTitle: '切换到浅色模式',
    darkModeSwitchTitle: '切换到深色模式',
    sidebarMenuLabel: '目录',
    returnToTopLabel: '回到顶部',
    langMenuLabel: '切换语言',
    skipToContentLabel: '跳到正文',
    notFound: {
      title: '找不到页面',
      quote: '这个地址没有页面，可能已经改名，或者还没有中文版。',
      linkLabel: '回到首页',
      linkText: '回到首页',
    },
  },
};

/** What the search says in Chinese. */
export const CHINESE_SEARCH: Partial<DefaultTheme.LocalSearchOptions> = {
  translations: {
    button: { buttonText: '搜索', buttonAriaLabel: '搜索' },
    modal: {
      displayDetails: '显示详细列表',
      resetButtonTitle: '清除',
      backButtonTitle: '关闭搜索',
      noResultsText: '没有找到：',
      footer: {
        selectText: '打开',
        selectKeyAriaLabel: '回车键',
        navigateText: '选择',
        navigateUpKeyAriaLabel: '上箭头键',
        navigateDownKeyAriaLabel: '下箭头键',
        closeText: '关闭',
        closeKeyAriaLabel: 'Esc 键',
      },
    },
  },
};

/**
 * A text's words. Chinese has no spaces between them. The site has this function as text, so that it may use
 * nothing from outside of it.
 */
export const tokenize = (text: string): string[] =>
  text
    .split(/[\n\r\p{Z}\p{P}]+/u)
    .flatMap((part) =>
      /\p{Script=Han}/u.test(part)
        ? Array.from(new Intl.Segmenter('zh', { granularity: 'word' }).segment(part), (word) => word.segment)
        : [part],
    );
