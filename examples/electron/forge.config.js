// Electron Forge. For electron-builder see electron-builder.yml.
'use strict';

module.exports = {
  packagerConfig: {
    // The native core is loaded from a file: it stays outside of the archive.
    asar: { unpack: '**/*.node' },
    // A universal build for macOS has the packages of both architectures in either half: there is nothing to merge.
    osxUniversal: { x64ArchFiles: '**/binding-darwin-*/*.node' },
  },
  makers: [{ name: '@electron-forge/maker-zip' }],
};
