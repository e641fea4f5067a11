/** What a callback calls itself, unless the app says otherwise. The version is that of the package. */
export const USER_AGENT = 'nestjs-callbacks/0.1.0';
