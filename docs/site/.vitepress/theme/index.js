import DefaultTheme from 'vitepress/theme';
import { h } from 'vue';
import HeroDrawing from './HeroDrawing.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'home-hero-image': () => h(HeroDrawing) }),
};
