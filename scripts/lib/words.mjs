import { trialTable } from './trial/trial-words.mjs';

/**
 * What is said before anything is installed, when the catalogue in `words/` cannot be loaded yet. Two languages, one line a key;
 * `scripts/lib/words.test.ts` compares them.
 */
export const table = {
  en: {
    installing: 'Installing the packages (once, about half a minute)…',
    installFailed: 'The packages could not be installed (npm ended with {code}). Check the network connection, then run this again.',
    installNeedsNpm: 'The packages are not installed yet. Run: npm start',
    noNode:
      'There is no pinned Node for {platform}-{arch} here, and this one ({version}) is older than 24. Install Node 24, then run this again.',
    building: 'Building: {parts}…',
    buildFailed: 'Building {part} failed. The lines above say why.',
    entryMissing: 'The program has no {path} yet, so there is nothing to start.',
    fetchingElectron: 'Fetching the desktop window (Electron {version}, once)…',
    fetchedOf: 'Electron: {percent} % ({megabytes} of {total} MB)',
    fetchedSoFar: 'Electron: {megabytes} MB',
    fetchCut: 'the connection broke after {megabytes} MB: {reason}',
    fetchSilent: 'nothing came for {seconds} s',
    fetchTooLong: 'it had not come after {minutes} min',
    fetchOther: 'what came is not Electron {version}',
    electronTorn: 'The copy of Electron {version} here is not whole. It is taken away and fetched again.',
    desktop: 'Opening the desktop window: Electron {version} is here.',
    desktopElsewhere: 'This farm is open already: the program that has it was shown.',
    desktopLate:
      'The desktop window has not come yet. You can go on waiting, or end this with Ctrl-C and open the web console: npm start -- --shell=http',
    webAsked: 'Opening the web console in a browser, as asked.',
    webNoBinary:
      'Opening the web console in a browser: the desktop window (Electron {version}) could not be fetched here ({reason}). Try again with: npm start -- --shell=electron',
    webOverrideUseless:
      'Opening the web console in a browser: ELECTRON_OVERRIDE_DIST_PATH leads to {path}, where there is no program that can be run.',
    webNoDisplay: 'Opening the web console in a browser: this computer has no display for the desktop window.',
    webRoot: 'Opening the web console in a browser: the desktop window does not run safely as root.',
    webNoBuild: 'Opening the web console in a browser: this version has no desktop window yet.',
    webNoSandbox:
      'Opening the web console in a browser: this system lets the desktop window make no sandbox ({setting}). These two commands allow it for this copy of Electron; then start again:\n  sudo chown root:root {path}\n  sudo chmod 4755 {path}',
    webNoSandboxHelper:
      'Opening the web console in a browser: this system lets the desktop window make no sandbox ({setting}), and this copy of Electron has no chrome-sandbox. Without ELECTRON_OVERRIDE_DIST_PATH, one that has it is fetched.',
    failedLibrary:
      'The desktop window could not start: this computer lacks the library {library}. Install the package that holds it, then start again. Opening the web console in a browser instead.',
    failedLibraryPackage:
      'The desktop window could not start: this computer lacks the library {library}. Install it, then start again (Debian and Ubuntu: sudo apt-get install {package}). Opening the web console in a browser instead.',
    failedDisplay:
      'The desktop window could not start: it cannot reach the display {display}. Start it from a terminal inside your desktop session. Opening the web console in a browser instead.',
    failedSandbox:
      'The desktop window could not start: it can make no sandbox here. Opening the web console in a browser instead. These two commands allow it for this copy of Electron; then start again:\n  sudo chown root:root {path}\n  sudo chmod 4755 {path}',
    failedSandboxHelper:
      'The desktop window could not start: it can make no sandbox here, and this copy of Electron has no chrome-sandbox. Without ELECTRON_OVERRIDE_DIST_PATH, one that has it is fetched. Opening the web console in a browser instead.',
    failed:
      'The desktop window could not start: Electron ended {how} and said last: "{last}". Opening the web console in a browser instead. To try the window again: npm start',
    failedSilently:
      'The desktop window could not start: Electron ended {how} and said nothing. Opening the web console in a browser instead. To try the window again: npm start',
    failedToBegin:
      'The desktop window could not start: the system could not run Electron ({last}). Opening the web console in a browser instead. To try the window again: npm start',
    endedWithCode: 'with code {code}',
    endedBySignal: 'by signal {signal}',
    rootRefused:
      'The desktop window does not run as root. Start it as another user, or open the web console: npm start -- --shell=http. Without its sandbox it runs as root too, at your own risk: npm start -- --shell=electron --no-sandbox',
    shellUnknown: 'There is no shell "{shell}". Take --shell=electron or --shell=http.',
    languageUnknown: 'There is no language "{language}" here. Take --language=en or --language=ru.',
    portWrong: '--port takes a number from 0 to 65535; 0 means any free one.',
    optionNeedsValue: '{option} needs a value after it.',
    optionUnknown: 'There is no option {option} here. A switch of Electron stands behind a "--" of its own: npm start -- -- {option}',
    usage: `npm start -- [options]
  --demo                 with a demo farm: three real agents on this computer
  --home FOLDER          the folder of the farm's data
  --language en|ru       the language of the terminal and of the window
  --shell electron|http  the desktop window, or the web console in a browser; without it, the window where it can be had
  --port NUMBER          the web console's port
  --no-open              the web console opens no browser
  --help                 this text
  -- SWITCH…             switches of Electron, as they are`,
    aptUpdating: 'Installing from the system: {packages}…',
    aptFailed: 'The system could not install: {packages}.',
    packagesMissing: 'These are missing here: {packages}. Install them (Debian: apt-get install {packages}), then run this again.',
    browserMissing: 'No Chromium was found. Install one and name it in CHROMIUM_PATH, then run this again.',
    distNoMac:
      'A package for macOS is not made: agents do not run on macOS, nobody has tried the program there, and without a certificate of Apple it would be ended at its start. Take --linux or --win.',
    distNoRuntime:
      'No Node for {name} stands in package-lock.json, so an installer for that system cannot be made: its agents would have nothing to run on.',
    distRuntimeAway:
      'The Node for {name} is not here and could not be fetched ({reason}). Connect this computer to the network once, then run this again.',
    distRuntimeChanged: 'What came as the Node for {name} is not what package-lock.json means. It was thrown away.',
    distNoPayloads:
      'The application packages could not be built for the installer. The lines above say why; without a network, npm needs them in its cache.',
    distFailed:
      'The installer was not made. The lines above say why. Without a network only unpacked folders can be made (npm run dist -- --dir), and only where an Electron of that system is here (ELECTRON_OVERRIDE_DIST_PATH); the tools behind AppImage, deb and NSIS are fetched once.',
    distMade: 'Made: {path} ({megabytes} MB).',
    ringMissing: 'NOT RUN: {ring}. There is nothing at {path}. This counts as a failure.',
    ...trialTable.en,
  },
  ru: {
    installing: 'Устанавливаем пакеты (один раз, около полуминуты)…',
    installFailed: 'Пакеты не установились (npm завершился с кодом {code}). Проверьте соединение с сетью и запустите ещё раз.',
    installNeedsNpm: 'Пакеты ещё не установлены. Запустите: npm start',
    noNode: 'Для {platform}-{arch} здесь нет закреплённого Node, а этот ({version}) старше 24-го. Установите Node 24 и запустите ещё раз.',
    building: 'Собираем: {parts}…',
    buildFailed: 'Не удалось собрать {part}. Почему – сказано в строках выше.',
    entryMissing: 'В программе ещё нет {path}, запускать нечего.',
    fetchingElectron: 'Загружаем окно программы (Electron {version}, один раз)…',
    fetchedOf: 'Electron: {percent} % ({megabytes} из {total} МБ)',
    fetchedSoFar: 'Electron: {megabytes} МБ',
    fetchCut: 'соединение оборвалось после {megabytes} МБ: {reason}',
    fetchSilent: 'за {seconds} с ничего не пришло',
    fetchTooLong: 'за {minutes} мин не загрузилось',
    fetchOther: 'пришло не то, что называется Electron {version}',
    electronTorn: 'Копия Electron {version} здесь неполная. Удаляем её и загружаем заново.',
    desktop: 'Открываем окно программы: Electron {version} на месте.',
    desktopElsewhere: 'Эта ферма уже открыта: показана программа, в которой она открыта.',
    desktopLate:
      'Окно программы ещё не появилось. Можно ждать дальше или завершить (Ctrl-C) и открыть веб-консоль: npm start -- --shell=http',
    webAsked: 'Открываем веб-консоль в браузере, как вы просили.',
    webNoBinary:
      'Открываем веб-консоль в браузере: окно программы (Electron {version}) загрузить не удалось ({reason}). Попробовать снова: npm start -- --shell=electron',
    webOverrideUseless:
      'Открываем веб-консоль в браузере: ELECTRON_OVERRIDE_DIST_PATH ведёт к {path}, а программы, которую можно запустить, там нет.',
    webNoDisplay: 'Открываем веб-консоль в браузере: у этого компьютера нет экрана для окна программы.',
    webRoot: 'Открываем веб-консоль в браузере: от имени root окно программы работает небезопасно.',
    webNoBuild: 'Открываем веб-консоль в браузере: окна программы в этой версии ещё нет.',
    webNoSandbox:
      'Открываем веб-консоль в браузере: эта система не даёт окну программы создать песочницу ({setting}). Эти две команды разрешат её для этой копии Electron; затем запустите ещё раз:\n  sudo chown root:root {path}\n  sudo chmod 4755 {path}',
    webNoSandboxHelper:
      'Открываем веб-консоль в браузере: эта система не даёт окну программы создать песочницу ({setting}), а в этой копии Electron нет chrome-sandbox. Без ELECTRON_OVERRIDE_DIST_PATH будет загружена та, в которой он есть.',
    failedLibrary:
      'Окно программы не запустилось: на этом компьютере нет библиотеки {library}. Установите пакет, в котором она есть, и запустите ещё раз. Пока открываем веб-консоль в браузере.',
    failedLibraryPackage:
      'Окно программы не запустилось: на этом компьютере нет библиотеки {library}. Установите её и запустите ещё раз (Debian и Ubuntu: sudo apt-get install {package}). Пока открываем веб-консоль в браузере.',
    failedDisplay:
      'Окно программы не запустилось: экран {display} недоступен. Запустите из терминала внутри вашего рабочего стола. Пока открываем веб-консоль в браузере.',
    failedSandbox:
      'Окно программы не запустилось: здесь ему не создать песочницу. Пока открываем веб-консоль в браузере. Эти две команды разрешат её для этой копии Electron; затем запустите ещё раз:\n  sudo chown root:root {path}\n  sudo chmod 4755 {path}',
    failedSandboxHelper:
      'Окно программы не запустилось: здесь ему не создать песочницу, а в этой копии Electron нет chrome-sandbox. Без ELECTRON_OVERRIDE_DIST_PATH скачается копия, где он есть. Пока открываем веб-консоль в браузере.',
    failed:
      'Окно программы не запустилось: Electron завершился {how}, последние слова: «{last}». Пока открываем веб-консоль в браузере. Попробовать окно снова: npm start',
    failedSilently:
      'Окно программы не запустилось: Electron завершился {how} и ничего не сказал. Пока открываем веб-консоль в браузере. Попробовать окно снова: npm start',
    failedToBegin:
      'Окно программы не запустилось: система не смогла выполнить Electron ({last}). Пока открываем веб-консоль в браузере. Попробовать окно снова: npm start',
    endedWithCode: 'с кодом {code}',
    endedBySignal: 'по сигналу {signal}',
    rootRefused:
      'От имени root окно программы не работает. Запустите от имени другого пользователя или откройте веб-консоль: npm start -- --shell=http. Без песочницы, на ваш страх и риск, оно работает и так: npm start -- --shell=electron --no-sandbox',
    shellUnknown: 'Оболочки «{shell}» нет. Возьмите --shell=electron или --shell=http.',
    languageUnknown: 'Языка «{language}» здесь нет. Возьмите --language=en или --language=ru.',
    portWrong: '--port – число от 0 до 65535; 0 – любой свободный порт.',
    optionNeedsValue: 'После {option} нужно значение.',
    optionUnknown: 'Параметра {option} здесь нет. Ключи самого Electron пишут после отдельного «--»: npm start -- -- {option}',
    usage: `npm start -- [параметры]
  --demo                 с демо-фермой: три настоящих агента на этом компьютере
  --home ПАПКА           папка с данными фермы
  --language en|ru       язык терминала и окна
  --shell electron|http  окно программы или веб-консоль в браузере; без него – окно, если оно возможно
  --port ЧИСЛО           порт веб-консоли
  --no-open              веб-консоль не открывает браузер
  --help                 эта справка
  -- КЛЮЧ…               ключи самого Electron, как есть`,
    aptUpdating: 'Устанавливаем из системы: {packages}…',
    aptFailed: 'Система не смогла установить: {packages}.',
    packagesMissing: 'Здесь не хватает: {packages}. Установите (в Debian: apt-get install {packages}) и запустите ещё раз.',
    browserMissing: 'Chromium не найден. Установите его, укажите путь в CHROMIUM_PATH и запустите ещё раз.',
    distNoMac:
      'Пакет для macOS не собирается: агенты на macOS не работают, программу там никто не пробовал, а без сертификата Apple её остановят при запуске. Укажите --linux или --win.',
    distNoRuntime:
      'В package-lock.json нет Node для {name}, поэтому установщик для этой системы собрать нельзя: агентам было бы не на чем работать.',
    distRuntimeAway:
      'Node для {name} здесь нет, и загрузить его не удалось ({reason}). Подключите компьютер к сети один раз и запустите ещё раз.',
    distRuntimeChanged: 'Вместо Node для {name} пришло не то, что записано в package-lock.json. Оно удалено.',
    distNoPayloads:
      'Не удалось собрать пакеты приложений для установщика. Почему – сказано в строках выше; без сети они должны лежать в кэше npm.',
    distFailed:
      'Установщик не собран. Почему – сказано в строках выше. Без сети собираются только распакованные папки (npm run dist -- --dir), и только если здесь есть Electron для той системы (ELECTRON_OVERRIDE_DIST_PATH); инструменты для AppImage, deb и NSIS загружаются один раз.',
    distMade: 'Готово: {path} ({megabytes} МБ).',
    ringMissing: 'НЕ ВЫПОЛНЕНО: {ring}. По пути {path} ничего нет. Это считается неудачей.',
    ...trialTable.ru,
  },
};

/** @typedef {keyof typeof table.en} WordKey */

const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || Intl.DateTimeFormat().resolvedOptions().locale;
/** @type {'en' | 'ru'} */
let language = locale.toLowerCase().startsWith('ru') ? 'ru' : 'en';

/** From now on; without it the language of the terminal. @param {'en' | 'ru'} chosen */
export function speakIn(chosen) {
  language = chosen;
}

/** Of whoever reads, as chosen so far. */
export const spokenLanguage = () => language;

/**
 * @param {WordKey} key
 * @param {Record<string, string | number>} [parameters]
 */
export function say(key, parameters = {}) {
  return table[language][key].replace(/\{(\w+)\}/gu, (_, name) => String(parameters[name]));
}
