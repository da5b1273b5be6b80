// Nothing but a place for the precompiled header to be built for: main.cpp cannot use it.
#include "tests/pch.h"
