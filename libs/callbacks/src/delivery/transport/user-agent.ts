/** The default `User-Agent`, with the version of the package. */
export const USER_AGENT = 'nestjs-callbacks/0.1.0';
