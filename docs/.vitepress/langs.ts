/*
 * In place of the theme's own (`config.ts`): its switch of languages leads to the same page in the other
 * language, whether that has it or not.
 */
import { useData } from 'vitepress';
import type { DefaultTheme } from 'vitepress';
// @ts-expect-error -- a part of the theme, without types
import { useLangs as useEveryLang } from 'vitepress/dist/client/theme-default/composables/langs.js';
import { computed } from 'vue';
import type { ComputedRef } from 'vue';
import { hasTranslation } from './pages.ts';

interface Langs {
  localeLinks: ComputedRef<DefaultTheme.NavItemWithLink[]>;
  currentLang: ComputedRef<{ label?: string; link: string }>;
}

/** The page's language and where the other one is: the same page where there is one, else the front page. */
export function useLangs(options: { correspondingLink?: boolean } = {}): Langs {
  const { page, localeIndex } = useData();
  const same: Langs = useEveryLang(options);
  const front: Langs = useEveryLang();
  const localeLinks = computed(() => {
    const isThere = localeIndex.value !== 'root' || hasTranslation(page.value.relativePath);
    if (isThere) return same.localeLinks.value;
    return front.localeLinks.value.map(({ text, link }) => ({ text, link: link.replace(/#.*/, '') }));
  });
  return { ...same, localeLinks };
}
