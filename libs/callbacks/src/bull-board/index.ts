export { CallbacksBoardAdapter } from './callbacks-board-adapter.js';
export type { CallbacksBoardOptions } from './callbacks-board-adapter.js';
