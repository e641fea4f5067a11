import type { ModulesContainer } from '@nestjs/core';
import type { CallbackProblem } from '../contract/callback-problem.js';
import { callbackControllerOf } from '../contract/metadata.js';

/** The callback classes that are listed in a module's `controllers`: a callback controller is never mounted. */
export function findMountedCallbackControllers(modules: ModulesContainer): CallbackProblem[] {
  return [...modules.values()].flatMap((module) =>
    [...module.controllers.values()]
      .filter(({ metatype }) => callbackControllerOf(metatype))
      .map(({ name }) => mounted(String(name), module.name)),
  );
}

function mounted(controller: string, module: string): CallbackProblem {
  const message = `${controller} is listed in the controllers of ${module}. The receiver serves it; your API never does.`;
  const fix = `Remove it from there, and link it to an operation with @ApiCallback(${controller}).`;
  return { code: 'mounted-callback-controller', place: controller, message, fix };
}
