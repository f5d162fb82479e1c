package httpworker

import (
	"fmt"
	"net/netip"
	"syscall"
)

// refusedAddress says that a request would leave for an address that is not
// public.
type refusedAddress struct{ addr netip.Addr }

func (e *refusedAddress) Error() string {
	return fmt.Sprintf("the address %s is not public and requests to it are not allowed; start the worker with --http-worker private to allow them", e.addr)
}

// refusePrivate is the Control of a dialer. It sees the address that is dialed
// after names were resolved, so that no DNS answer leads around it.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("the address %s cannot be checked: %w", address, err)
	}
	if !public(ap.Addr()) {
		return &refusedAddress{ap.Addr()}
	}
	return nil
}

// public says whether an address is one of the public internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false // loopback, link-local, multicast, unspecified, RFC 1918, ULA
	}
	for _, p := range reserved() {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// reserved are further blocks that are not public (IANA special-purpose
// registries), and those of IPv6 that carry an IPv4 address, which a gateway
// would send on.
func reserved() [14]netip.Prefix {
	v4 := func(a, b, c byte, bits int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b, c, 0}), bits)
	}
	v6 := func(a, b, c, d byte, bits int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom16([16]byte{a, b, c, d}), bits)
	}
	return [14]netip.Prefix{
		v4(0, 0, 0, 8),                 // this network
		v4(100, 64, 0, 10),             // carrier-grade NAT
		v4(192, 0, 0, 24),              // IETF protocols
		v4(192, 0, 2, 24),              // documentation
		v4(198, 18, 0, 15),             // benchmarks
		v4(198, 51, 100, 24),           // documentation
		v4(203, 0, 113, 24),            // documentation
		v4(240, 0, 0, 4),               // reserved, broadcast
		v6(0, 0, 0, 0, 32),             // IPv4-compatible
		v6(0x00, 0x64, 0xff, 0x9b, 32), // NAT64
		v6(0x01, 0, 0, 0, 64),          // discard
		v6(0x20, 0x01, 0, 0, 23),       // Teredo, ORCHID and other protocols
		v6(0x20, 0x02, 0, 0, 16),       // 6to4
		v6(0xfe, 0xc0, 0, 0, 10),       // site-local
	}
}
