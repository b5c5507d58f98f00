import { useData } from 'vitepress';
import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { watchPostEffect } from 'vue';
import { PhotoStage } from './photo-stage.ts';
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has nothing to assign
import './style.css';

// oxlint-disable-next-line import/no-default-export -- VitePress asks for one
export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('PhotoStage', PhotoStage);
  },
  setup() {
    const { frontmatter } = useData();
    // The theme's front page is the one that has no main part.
    watchPostEffect(() => {
      const content = document.getElementById('VPContent');
      if (frontmatter.value['layout'] === 'home') content?.setAttribute('role', 'main');
      else content?.removeAttribute('role');
    });
  },
} satisfies Theme;
