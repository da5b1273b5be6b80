# Puts the chart library of the page where OUT says: from npm, by the lock file in SOURCE, installed into FOLDER.
# Without npm, or without a way to its registry, the page is built without candles and says so. Remove OUT to try again.
set(library ${FOLDER}/node_modules/lightweight-charts/dist/lightweight-charts.standalone.production.mjs)
set(result 1)
if(NPM)
  file(MAKE_DIRECTORY ${FOLDER})
  file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${FOLDER})
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
    WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE result TIMEOUT 120)
endif()
if(result EQUAL 0 AND EXISTS ${library})
  file(READ ${library} text)
else()
  message(WARNING "no npm, or no way to its registry: the page is built without the candle chart")
  file(READ ${SOURCE}/no_charts.js text)
endif()
file(WRITE ${OUT} "${text}")
