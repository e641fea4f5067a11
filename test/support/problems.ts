import { Body, Controller, Post, Query } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { ApiCallback, CallbackDocumentError } from 'nestjs-callbacks';
import type { CallbackProblem } from 'nestjs-callbacks';
import { createApp, documentOf } from './create-app.js';

export function errorOf(act: () => unknown): CallbackDocumentError {
  try {
    act();
  } catch (error) {
    if (error instanceof CallbackDocumentError) return error;
    throw error;
  }
  throw new Error('It was documented without an error.');
}

/** The problems of an app with one operation, `POST /orders`, that links to these callbacks. */
export async function problemsOf(callbacks: Type<object>, options?: object): Promise<readonly CallbackProblem[]> {
  @Controller('orders')
  class Orders {
    @Post()
    @ApiCallback(callbacks, options)
    create(@Query('callback_url') url: string, @Body() order: object) {}
  }
  const app = await createApp({ controllers: [Orders] });
  return errorOf(() => documentOf(app)).problems;
}

export const LINKED_FROM = ['POST /orders'];
