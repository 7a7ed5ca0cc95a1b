// The one way Asio and Beast are included, by a few .cc files only: they are the most expensive headers of
// the build. Compiled once, in asio.cc.
#pragma once

// Beast asserts on some odd but harmless splits of a chunked body; a peer must not be able to stop the
// process.
#define BOOST_DISABLE_ASSERTS
#define BOOST_ASIO_SEPARATE_COMPILATION
#define BOOST_ASIO_NO_DEPRECATED
#define BOOST_BEAST_SEPARATE_COMPILATION

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
