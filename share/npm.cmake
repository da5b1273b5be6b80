# Puts one file of an npm package where OUT says: MODULE of node_modules, installed by the lock file in SOURCE into
# FOLDER, where npm keeps its cache too. Without npm, or without a way to its registry, OUT is the file OTHERWISE
# and a warning says what is MISSING. Remove OUT to try again.
set(result 1)
if(NPM)
  file(MAKE_DIRECTORY ${FOLDER})
  file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${FOLDER})
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
      --cache ${FOLDER}/cache --no-update-notifier
    WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE result TIMEOUT 120)
endif()
set(module ${FOLDER}/node_modules/${MODULE})
if(result EQUAL 0 AND EXISTS ${module})
  file(READ ${module} text)
else()
  message(WARNING "no npm, or no way to its registry: ${MISSING}")
  file(READ ${OTHERWISE} text)
endif()
file(WRITE ${OUT} "${text}")
