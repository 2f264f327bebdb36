// Package check ends a scenario where something is not as it must be; the stack tells where.
package check

import (
	"fmt"
	"reflect"
	"strings"
)

// OK wants no error.
func OK(err error) {
	if err != nil {
		panic(err)
	}
}

// Got gives the value that came without an error.
func Got[T any](value T, err error) T {
	OK(err)
	return value
}

// Same wants equal values.
func Same(found, expected any) {
	if !reflect.DeepEqual(found, expected) {
		panic(fmt.Sprintf("expected %#v, found %#v", expected, found))
	}
}

// That wants a condition to hold.
func That(holds bool, found any) {
	if !holds {
		panic(fmt.Sprintf("not as it must be: %+v", found))
	}
}

// Fails wants an error of a kind with these words, in any case.
func Fails(err error, kind func(error) bool, words string) {
	if err == nil {
		panic("no error: " + words)
	}
	if !kind(err) || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(words)) {
		panic(fmt.Sprintf("another error than %q: %T %v", words, err, err))
	}
}
