/**
 * Shows any queue of this package in Bull Board. Needs the package `@bull-board/api`.
 *
 * @packageDocumentation
 */

export { CallbacksBoardAdapter } from './callbacks-board-adapter.js';
export type { CallbacksBoardOptions } from './callbacks-board-adapter.js';
