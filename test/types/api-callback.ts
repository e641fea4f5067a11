import { Controller, Post } from '@nestjs/common';
import { ApiCallback, CallbackController, receiverReplies } from 'nestjs-callbacks';

/** Type tests: `tsc` fails if a line under `@ts-expect-error` compiles. */
class Reply {
  ok!: boolean;
}

@CallbackController('{$callback_url}')
class Callbacks {
  readonly constant = 1;
  @Post() notify(): Reply {
    return receiverReplies();
  }
}

@ApiCallback(Callbacks)
@ApiCallback(Callbacks, { only: ['notify'], name: 'events' })
@Controller()
export class Right {
  @Post()
  @ApiCallback(Callbacks)
  @ApiCallback(Callbacks, {})
  @ApiCallback(Callbacks, { only: [] })
  create() {}
}

export class Wrong {
  // @ts-expect-error Callbacks has no method nope
  @ApiCallback(Callbacks, { only: ['nope'] })
  unknownOperation() {}

  // @ts-expect-error constant is a property of Callbacks, not a method
  @ApiCallback(Callbacks, { only: ['constant'] })
  property() {}

  // @ts-expect-error a callback is named by its class
  @ApiCallback('Callbacks')
  string() {}

  // @ts-expect-error there is no such option
  @ApiCallback(Callbacks, { except: ['notify'] })
  unknownOption() {}
}

// @ts-expect-error the URL is a string
CallbackController({ url: 1 });
