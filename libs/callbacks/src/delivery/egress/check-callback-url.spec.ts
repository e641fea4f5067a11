import { describe, expect, it } from '@jest/globals';
import { CallbackUrlError } from '../../errors/callback.errors.js';
import { checkCallbackUrl } from './check-callback-url.js';
import type { EgressOptions } from './egress.options.js';
import { createEgressPolicy } from './egress.options.js';

function check(url: string, options: EgressOptions = {}): string {
  return checkCallbackUrl(url, createEgressPolicy(options)).href;
}

/** What the developer reads: the client is told less. */
const detailOf = (url: string, options?: EgressOptions) => {
  const { reason, detail = reason } = refusal(url, options);
  return detail;
};

function refusal(url: string, options: EgressOptions = {}): CallbackUrlError {
  try {
    check(url, options);
  } catch (error) {
    if (error instanceof CallbackUrlError) return error;
    throw error;
  }
  throw new Error(`${url} was accepted`);
}

describe('accepts', () => {
  it.each([
    ['https://receiver.example', 'https://receiver.example/'],
    ['HTTPS://Receiver.Example/a?b=c#d', 'https://receiver.example/a?b=c#d'],
    ['https://receiver.example:443/', 'https://receiver.example/'],
    ['https://receiver.example:/', 'https://receiver.example/'],
    ['https://receiver.example./', 'https://receiver.example./'],
    ['https://receiver.example/a@b:c%20d', 'https://receiver.example/a@b:c%20d'],
    ['https://receiver.example?to=a@b', 'https://receiver.example/?to=a@b'],
    ['https://müller.example/größe', 'https://xn--mller-kva.example/gr%C3%B6%C3%9Fe'],
    ['https://xn--mller-kva.example/', 'https://xn--mller-kva.example/'],
    ['https://8.8.8.8/', 'https://8.8.8.8/'],
    ['https://[2606:4700:4700::1111]/', 'https://[2606:4700:4700::1111]/'],
    ['https://localhost.example/', 'https://localhost.example/'],
    ['https://notlocalhost/', 'https://notlocalhost/'],
  ])('%s', (url, href) => {
    expect(check(url)).toBe(href);
  });

  it.each<[string, EgressOptions]>([
    ['http://receiver.example/', { http: true }],
    ['http://receiver.example:80/', { http: true }],
    ['https://receiver.example:8443/', { ports: [8443] }],
    ['http://127.0.0.1:3001/', { http: true, ports: [3001], allow: ['127.0.0.0/8'] }],
    ['http://127.1:3001/', { http: true, ports: [3001], allow: ['127.0.0.0/8'] }],
    ['http://[::1]:3001/', { http: true, ports: [3001], allow: ['::1'] }],
    ['http://localhost:3001/', { http: true, ports: [3001], allow: ['127.0.0.1'] }],
    ['http://localhost:3001/', { http: true, ports: [3001], allow: ['::1'] }],
    ['https://10.0.0.1/', { allow: ['10.0.0.0/8'] }],
  ])('%s with %j', (url, options) => {
    expect(() => check(url, options)).not.toThrow();
  });
});

describe('says', () => {
  it.each<[string, EgressOptions, string, string | undefined]>([
    [
      'http://receiver.example/',
      {},
      'its scheme is not https:',
      'If receiver.example is meant, set CallbacksModule.forRoot({ egress: { http: true } }).',
    ],
    [
      'http://127.0.0.1:3001/',
      {},
      'its scheme is not https:',
      "If 127.0.0.1:3001 is meant, set CallbacksModule.forRoot({ egress: { allow: ['127.0.0.1'], ports: [3001], http: true } }).",
    ],
    [
      'http://localhost:3001/',
      { http: true, ports: [8443] },
      'localhost is this machine',
      "If localhost:3001 is meant, set CallbacksModule.forRoot({ egress: { http: true, ports: [8443, 3001], allow: ['127.0.0.1', '::1'] } }).",
    ],
    ['ftp://receiver.example/', {}, 'its scheme is not https:', undefined],
    ['ftp://receiver.example/', { http: true }, 'its scheme is not https: or http:', undefined],
    ['x https://receiver.example/', {}, 'it contains a space, a control character or a backslash', undefined],
    ['1https://receiver.example/', {}, 'it is not an absolute URL (https://…)', undefined],
  ])('what is wrong with %s with %j, and how to allow it', (url, options, reason, fix) => {
    const { message } = refusal(url, options);
    expect(detailOf(url, options)).toBe(reason);
    expect(message.split('. Fix: ')[1]).toBe(fix);
  });
});

describe('rejects invalid callback URLs', () => {
  it.each([
    ['', 'not an absolute URL'],
    ['/callbacks', 'not an absolute URL'],
    ['receiver.example/a', 'not an absolute URL'],
    ['//receiver.example/a', 'not an absolute URL'],
    ['https:receiver.example', 'not an absolute URL'],
    ['https:/receiver.example', 'not an absolute URL'],
    ['javascript:alert(1)', 'not an absolute URL'],
    ['data:text/plain,x', 'not an absolute URL'],
    ['://receiver.example', 'not an absolute URL'],
    ['http://receiver.example/', 'scheme is not https:'],
    ['ftp://receiver.example/', 'scheme is not https:'],
    ['file:///etc/passwd', 'scheme is not https:'],
    ['ws://receiver.example/', 'scheme is not https:'],
    ['unix://run/docker.sock', 'scheme is not https:'],
    ['https://', 'has no host'],
    ['https:///receiver.example', 'has no host'],
    ['https://?a', 'has no host'],
    ['https://#a', 'has no host'],
    ['https://:443/', 'cannot be read'],
    ['https://user:secret@receiver.example/', 'credentials'],
    ['https://user@receiver.example/', 'credentials'],
    ['https://@receiver.example/', 'credentials'],
    ['https://:@receiver.example/', 'credentials'],
    ['https://receiver.example:80@127.0.0.1/', 'credentials'],
    ['https://receiver.example:99999/', 'cannot be read'],
    ['https://receiver.example:443x/', 'cannot be read'],
    ['https://receiver.example:80/', 'port 80 is not allowed'],
    ['https://receiver.example:8443/', 'port 8443 is not allowed'],
    ['https://receiver.example:0/', 'port 0 is not allowed'],
    ['https://[::1/', 'cannot be read'],
    ['https://[fe80::1%25eth0]/', 'contains a %'],
    ['https://a_b.example:１/', 'are replaced by others'],
    ['https://1.2.3.256/', 'cannot be read'],
    ['https://0x100000000/', 'cannot be read'],
  ])('%s', (url, reason) => {
    expect(detailOf(url)).toContain(reason);
  });

  it.each([
    ' https://receiver.example/',
    'https://receiver.example/ ',
    'https://receiver.example/a b',
    'https://receiver.example/\r\nX-Injected: 1',
    'https://receiver\n.example/',
    'https://receiver.example/\t',
    'ht\ttps://receiver.example/',
    'https://receiver.example\\@127.0.0.1/',
    'https:\\\\receiver.example/',
    'https://receiver.example/\0',
    'https://receiver.example/\u007f',
    'https://receiver.example/\u0085',
    'https://receiver.example/\u00a0',
    'https://receiver.example/\u2028',
    'https://receiver.example/\ufeff',
    'https://receiver\u00ad.example/',
    'https://receiver\u200d.example/',
    'https://receiver.example/\ud800',
  ])('%j, which the URL class would rewrite', (url) => {
    expect(detailOf(url)).toContain('a space, a control character or a backslash');
  });
});

describe('refuses a forbidden address in every spelling', () => {
  it.each([
    'https://127.0.0.1/',
    'https://127.0.0.1./',
    'https://127.1/',
    'https://127.0.1/',
    'https://2130706433/',
    'https://2130706433./',
    'https://0x7f000001/',
    'https://0X7F.1/',
    'https://0x7f.0x0.0x0.0x1/',
    'https://017700000001/',
    'https://0177.0.0.01/',
    'https://0177.1/',
    'https://00000177.0.0.1/',
    'https://127.0.0.0x1/',
  ])('%s', (url) => {
    expect(detailOf(url)).toBe('127.0.0.1 is a loopback address');
  });

  it.each([
    'https://0/',
    'https://0.0.0.0/',
    'https://0x/',
    'https://10.1/',
    'https://0xa000001/',
    'https://192.168.257/',
    'https://172.16.0.1:443/',
    'https://169.254.169.254/latest/meta-data',
    'https://2852039166/',
    'https://100.64.0.1/',
    'https://255.255.255.255/',
    'https://4294967295/',
    'https://[::]/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::FFFF:7F00:1]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://[2002:7f00:1::]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://localhost/',
    'https://LOCALHOST/',
    'https://localhost./',
    'https://localhost:443/',
    'https://app.localhost/',
    'https://app.localhost./',
  ])('%s', (url) => {
    expect(detailOf(url)).toMatch(/ is (?:an? |the |this )/);
  });

  it.each([
    'https://１２７.0.0.1/',
    'https://１２７.０.０.１/',
    'https://127。0。0。1/',
    'https://127．0．0．1/',
    'https://①②⑦.0.0.1/',
    'https://٤٢٧.example/',
    'https://𝟏𝟐𝟕.0.0.1/',
    'https://ｌｏｃａｌｈｏｓｔ/',
    'https://ⓛocalhost/',
  ])('%s, whose characters are replaced by others', (url) => {
    expect(detailOf(url)).toContain('are replaced by others');
  });

  it('%31%32%37.0.0.1, whose digits are encoded', () => {
    expect(detailOf('https://%31%32%37.0.0.1/')).toContain('contains a %');
  });

  it('an allowed range opens its own addresses only', () => {
    const options = { allow: ['10.0.0.0/8'], ports: [8443] };
    expect(detailOf('https://127.0.0.1/', options)).toContain('loopback');
    expect(detailOf('https://localhost/', options)).toContain('this machine');
    expect(detailOf('https://10.0.0.1:9000/', options)).toBe('port 9000 is not allowed');
  });
});

describe('`hosts`', () => {
  const hosts = ['*.partner.example', 'hooks.example', '10.0.0.5', '2606:4700::1'];

  it.each(['https://a.partner.example/', 'https://HOOKS.example./a', 'https://[2606:4700::1]/'])(
    'lets %s be called',
    (url) => {
      expect(() => check(url, { hosts })).not.toThrow();
    },
  );

  it.each<[string, EgressOptions, string]>([
    ['https://partner.example/', { hosts }, 'partner.example is not in `egress.hosts`'],
    ['https://else.example/', { hosts }, 'else.example is not in `egress.hosts`'],
    ['https://8.8.8.8/', { hosts }, '8.8.8.8 is not in `egress.hosts`'],
    ['https://hooks.example/', { hosts: [] }, 'hooks.example is not in `egress.hosts`'],
    // It narrows only.
    ['https://10.0.0.5/', { hosts }, '10.0.0.5 is a private address'],
    ['https://hooks.example:8443/', { hosts }, 'port 8443 is not allowed'],
    ['http://hooks.example/', { hosts }, 'its scheme is not https:'],
  ])('refuses %s with %j', (url, options, why) => {
    expect(detailOf(url, options)).toBe(why);
  });

  it('says how to add a host, with all that is set already', () => {
    expect(refusal('https://else.example:8443/', { hosts: ['a.example'], deny: ['8.8.8.8'] }).fix).toBe(
      "If else.example:8443 is meant, set CallbacksModule.forRoot({ egress: { hosts: ['a.example', 'else.example'], deny: ['8.8.8.8'], ports: [8443] } }).",
    );
  });
});

describe('`deny`', () => {
  it.each<[string, EgressOptions, string]>([
    ['https://8.8.8.8/', { deny: ['8.8.8.0/24'] }, '8.8.8.8 is in a range of `egress.deny`'],
    ['https://134744072/', { deny: ['8.8.8.0/24'] }, '8.8.8.8 is in a range of `egress.deny`'],
    ['https://[::ffff:8.8.8.8]/', { deny: ['8.8.8.0/24'] }, '::ffff:808:808 is in a range of `egress.deny`'],
    ['https://localhost/', { allow: ['127.0.0.1', '::1'], deny: ['127.0.0.1', '::1'] }, 'localhost is this machine'],
  ])('refuses %s with %j', (url, options, why) => {
    expect(detailOf(url, options)).toBe(why);
  });

  it('says what to remove from it', () => {
    const options = { allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16', '10.2.0.0/16'] };
    expect(refusal('https://10.1.2.3/', options).fix).toBe(
      "If 10.1.2.3 is meant, set CallbacksModule.forRoot({ egress: { allow: ['10.0.0.0/8'], deny: ['10.2.0.0/16'] } }).",
    );
  });
});

it('gives clients the same reason for a host and a port that is not allowed', () => {
  const options = { allow: ['10.20.0.0/16'], ports: [8443], hosts: ['10.20.0.5', '10.30.0.5', 'hooks.example'] };
  const urls = ['https://10.20.0.5:9200/', 'https://10.30.0.5:8443/', 'https://hooks.example:1/', 'https://8.8.8.8/'];
  const reasons = urls.map((url) => refusal(url, options).reason);
  expect(new Set(reasons)).toEqual(new Set(['its host or port is not allowed']));
});

describe('the error', () => {
  it('names the host and the fix', () => {
    const error = refusal('https://10.0.0.1:8443/a?b=c');
    expect(error.message).toBe(
      "Cannot call 10.0.0.1:8443: 10.0.0.1 is a private address. Fix: If 10.0.0.1:8443 is meant, set CallbacksModule.forRoot({ egress: { allow: ['10.0.0.1'], ports: [8443] } }).",
    );
    expect(error).toMatchObject({ name: 'CallbackUrlError', code: 'CALLBACK_URL', host: '10.0.0.1:8443' });
    expect(refusal('http://receiver.example/').message).toContain('egress: { http: true }');
    expect(refusal('https://receiver.example:8443/').message).toContain('egress: { ports: [8443] }');
  });

  it.each([
    'https://user:SECRET@receiver.example/',
    'https://SECRET@receiver.example/',
    'https://127.0.0.1/SECRET?SECRET#SECRET',
    'https://receiver.example:8443/SECRET?SECRET',
    'https://receiver.example:99999/SECRET?SECRET',
    'http://receiver.example/SECRET',
    'https://receiver.example/SECRET SECRET',
    '/SECRET',
    'https://[::SECRET]/',
  ])('of %s keeps the rest of the URL to itself', (url) => {
    const error = refusal(url);
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack, cause: error.cause })).not.toContain(
      'SECRET',
    );
  });
});
