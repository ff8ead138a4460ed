/** The program's version; a test holds it to package.json, which a bundle of one file does not carry. */
export const agentVersion = '0.1.0';
